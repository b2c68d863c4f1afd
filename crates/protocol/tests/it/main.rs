//! Laws that hold for every dialect, checked over every fixture, and the matrix of every client dialect with every
//! provider dialect. A dialect's folder under `fixtures/` is all that a new dialect adds here.

#[cfg(test)]
mod ai_sdk;
#[cfg(test)]
mod careless;
mod diff;
#[cfg(test)]
mod essentials;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod fold;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod freeform;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod odd;
#[cfg(test)]
mod origin;
#[cfg(test)]
mod readable;
#[cfg(test)]
mod run;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tool_names;
