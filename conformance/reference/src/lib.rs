//! The executable specification: answers a request from the model, plainly.
