//! The rehearsal cloud: a world with state that answers like NAVER Cloud.
