#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "report_words.h"
#include "tablinum/models/analytics.h"

namespace tablinum::models {
namespace {

std::string quoted(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  return out + '"';
}

/// "2026-01-23 08:00:00", the contract's form.
std::string plain_time(std::int64_t unix_s) {
  auto text = utc_text(unix_s);
  text[10] = ' ';
  text.pop_back();
  return text;
}

struct OpenFile {
  int fd;
  ~OpenFile() {
    if (fd >= 0) close(fd);
  }
};

std::unexpected<Error> failed(const std::string& path) {
  const auto code = errno == ENOENT   ? Code::not_found
                    : errno == EACCES ? Code::denied
                    : errno == ENOSPC ? Code::no_space
                                      : Code::io;
  return fail(code, path + ": " + std::strerror(errno));
}

}  // namespace

std::string_view metrics_header() noexcept {
  return "timestamp,task_category,selected_model,primary_category,confidence_score,final_score,gpu_id,selection_duration_ms,"
         "outcome\n";
}

std::string metrics_line(const MetricsRow& row) {
  return fmt::format("{},{},{},{},{:.2f},{:.2f},{},{},{}\n", plain_time(row.time_s), quoted(row.category), quoted(row.model),
                     row.primary, row.confidence, row.score, row.gpu, row.duration_ms, row.outcome);
}

Result<void> append_metrics(const std::string& path, const MetricsRow& row) {
  const OpenFile file{open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)};
  // The lock keeps two programs from both finding the file empty and both writing the header.
  struct stat status{};
  if (file.fd < 0 || flock(file.fd, LOCK_EX) != 0 || fstat(file.fd, &status) != 0) return failed(path);
  const auto text = (status.st_size == 0 ? std::string{metrics_header()} : std::string{}) + metrics_line(row);
  const auto written = write(file.fd, text.data(), text.size());
  if (written < 0) return failed(path);
  if (static_cast<std::size_t>(written) != text.size()) return fail(Code::no_space, path + ": the row was cut off");
  return {};
}

}  // namespace tablinum::models
