#include "console.h"

#include <atomic>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "tablinum/base/json.h"
#include "tablinum/base/time.h"

namespace tablinum::app {
namespace {

constexpr int kBarWidth = 30;
constexpr std::int64_t kBarIntervalNs = 100'000'000;

// The signal comes to one thread, and others ask.
std::atomic<bool> stop_asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);
void ask_to_stop(int) { stop_asked.store(true, std::memory_order_relaxed); }

void print(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  if (!text.ends_with('\n')) std::fputc('\n', stream);
}

}  // namespace

int exit_code(Code code) noexcept {
  switch (code) {
    case Code::invalid:
    case Code::corrupt:
    case Code::protocol:
    case Code::unsupported: return 3;
    case Code::not_found: return 4;
    case Code::unauthenticated:
    case Code::denied: return 5;
    case Code::conflict:
    case Code::exists: return 6;
    case Code::too_large:
    case Code::limit:
    case Code::no_space: return 7;
    case Code::unavailable:
    case Code::busy:
    case Code::io:
    case Code::closed:
    case Code::reset:
    case Code::refused:
    case Code::unreachable:
    case Code::address_in_use: return 8;
    case Code::timeout: return 9;
    case Code::cancelled: return 130;
    default: return 70;
  }
}

int report(const Globals& globals, const Error& error) {
  print(stderr, "tablinum: " + (error.detail.empty() ? std::string{to_string(error.code)} : error.detail));
  if (globals.json) {
    json::Writer w;
    w.begin_object();
    w.field("ok", false);
    w.field("code", to_string(error.code));
    w.field("error", error.detail);
    w.end_object();
    print(stdout, w.take());
  }
  return exit_code(error.code);
}

void print_result(const Globals& globals, std::string_view json, std::string_view text) {
  if (globals.json)
    print(stdout, json);
  else if (!text.empty())
    print(stdout, text);
}

StopRequest::StopRequest() {
  struct sigaction action{};
  action.sa_handler = ask_to_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

StopRequest::~StopRequest() {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
}

bool StopRequest::made() const noexcept { return stop_asked.load(std::memory_order_relaxed); }

bool is_there(const std::string& path) noexcept { return access(path.c_str(), F_OK) == 0; }

ProgressBar::ProgressBar(const Globals& globals) : enabled_{!globals.quiet && !globals.json && isatty(STDERR_FILENO) == 1} {}

ProgressBar::~ProgressBar() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void ProgressBar::show(std::string_view what, std::uint64_t done, std::uint64_t total) {
  const std::int64_t now = monotonic_now().ns;
  if (!enabled_ || (now - last_ns_ < kBarIntervalNs && done != total)) return;
  last_ns_ = now;
  shown_ = true;
  const double share = total == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const int full = static_cast<int>(share * kBarWidth);
  fmt::print(stderr, "\r\x1b[K{:<8} [{:█<{}}{:·<{}}] {:3.0f} %", what, "", full, "", kBarWidth - full, share * 100);
  std::fflush(stderr);
}

}  // namespace tablinum::app
