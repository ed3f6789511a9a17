//! Reports as files, on paper, as a pile, and on behalf of others.

mod behalf;
mod files;
mod form;
mod habits;
mod pile;
mod wall;
