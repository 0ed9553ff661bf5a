//! One year of a city, the same story on both databases.
