#pragma once
/// GET /api/v1/stream: progress of jobs and changes of trees as server-sent events.
#include "tablinum/archive/archive.h"
#include "tablinum/archive/jobs.h"
#include "tablinum/net/message.h"

namespace tablinum::system_service {

/// Topics of one stream.
inline constexpr std::size_t kTopicsMax = 32;
/// Events that wait for a slow client; it misses those in between and gets the newest state.
inline constexpr std::size_t kEventsWaitingMax = 64;

net::Handler stream_handler(archive::Archive& archive, archive::Jobs& jobs);

}  // namespace tablinum::system_service
