DROP TABLE waiting_item;
