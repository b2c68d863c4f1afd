//! Laws that hold for every dialect, checked over every fixture, and the matrix of every client dialect with every
//! provider dialect. A dialect's folder under `fixtures/` is all that a new dialect adds here.

mod diff;
mod fixtures;
mod fold;
mod laws;
mod matrix;
mod run;
