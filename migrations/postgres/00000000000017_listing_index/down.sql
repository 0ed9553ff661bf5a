DROP INDEX body_listing;
