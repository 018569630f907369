"""The tables of many units added up."""
