//! The readers on files made up here, on anything at all, and on the real files where they are at hand.

mod anything;
mod input;
mod real;
mod registers;
