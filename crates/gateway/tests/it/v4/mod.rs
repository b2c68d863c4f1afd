//! Below `/v4`: the AI SDK's protocol.

mod ai;
