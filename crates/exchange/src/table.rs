//! Tables that people take away.
