#include "card_scores.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace tablinum::models {
namespace {

struct Known {
  std::string_view key, name;
};
constexpr Known kKnown[] = {{"gsm8k", "GSM8K"},
                            {"math", "MATH"},
                            {"humaneval", "HumanEval"},
                            {"mbpp", "MBPP"},
                            {"arcchallenge", "ARC-Challenge"},
                            {"arcc", "ARC-Challenge"},
                            {"hellaswag", "HellaSwag"},
                            {"mmlu", "MMLU"},
                            {"winogrande", "Winogrande"},
                            {"truthfulqa", "TruthfulQA"},
                            {"summscreen", "SummScreen"},
                            {"govreport", "GovReport"},
                            {"wikisql", "WikiSQL"},
                            {"beir", "BEIR"},
                            {"msmarco", "MSMARCO"},
                            {"mteb", "MTEB"},
                            {"docvqa", "DocVQA"},
                            {"chartqa", "ChartQA"},
                            {"infographicvqa", "InfographicVQA"}};
constexpr std::string_view kFillers[] = {"score", "accuracy", "pass@1", "of", "is", "at", "em", "strict"};
constexpr std::size_t kCellsMax = 64;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_part(char c) noexcept { return is_letter(c) || is_digit(c) || c == '+' || c == '_' || c == '@'; }

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t\r*_`");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r*_`") + 1 - first);
}

/// A number at the front, as "56.3", "56.3%", and nothing that makes it something else than a score ("5-shot", "7B",
/// "2024-01").
std::optional<double> score_at(std::string_view text) noexcept {
  double value = 0;
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || !(value > 0 && value <= 100)) return std::nullopt;
  auto rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (rest.starts_with('%')) rest.remove_prefix(1);
  if (!rest.empty() && (is_name_part(rest[0]) || rest[0] == '/' ||
                        (rest[0] == '-' && rest.size() > 1 && (is_letter(rest[1]) || is_digit(rest[1]))))) {
    return std::nullopt;
  }
  const auto word = rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
  return word.starts_with("shot") || word.starts_with("-shot") ? std::nullopt : std::optional{value};
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  if (line.starts_with('|')) line.remove_prefix(1);
  while (cells.size() < kCellsMax) {
    const auto bar = line.find('|');
    cells.push_back(trimmed(line.substr(0, bar)));
    if (bar == std::string_view::npos) break;
    line.remove_prefix(bar + 1);
  }
  if (!cells.empty() && cells.back().empty()) cells.pop_back();
  return cells;
}

bool is_rule(const std::vector<std::string_view>& cells) {
  return !cells.empty() && std::ranges::all_of(cells, [](std::string_view cell) {
    return !cell.empty() && cell.find('-') != std::string_view::npos && cell.find_first_not_of(":- ") == std::string_view::npos;
  });
}

/// "MMLU (5-shot)" and "MMLU, 5 shot" name MMLU; "MMLU-Pro" names something else.
std::string_view benchmark_of_cell(std::string_view cell) {
  auto name = cell.substr(0, cell.find_first_of("(,["));
  return known_benchmark(trimmed(name));
}

bool is_shots(std::string_view cell) noexcept {
  return cell.find("shot") != std::string_view::npos || cell.find("Shot") != std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view model) : model_{benchmark_key(model)} {}

  void read(std::string_view readme) {
    std::vector<std::string_view> lines;
    while (!readme.empty()) {
      const auto end = std::min(readme.find('\n'), readme.size());
      lines.push_back(readme.substr(0, end));
      readme.remove_prefix(std::min(end + 1, readme.size()));
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].find('|') != std::string_view::npos && i + 1 < lines.size() && is_rule(cells_of(lines[i + 1]))) {
        i = table(lines, i);
      } else {
        prose(lines[i]);
      }
    }
  }
  std::vector<BenchmarkScore> take() { return std::move(scores_); }

 private:
  void add(std::string_view name, double score) {
    if (std::ranges::find(scores_, name, &BenchmarkScore::name) == scores_.end())
      scores_.push_back({std::string{name}, score, {}, {}});
  }
  bool is_ours(std::string_view cell) const {
    const auto key = benchmark_key(cell);
    return !key.empty() && key == model_;
  }

  /// @return the table's last line.
  std::size_t table(const std::vector<std::string_view>& lines, std::size_t first) {
    const auto header = cells_of(lines[first]);
    auto last = first + 1;
    while (last + 1 < lines.size() && lines[last + 1].find('|') != std::string_view::npos) ++last;
    for (auto i = first + 2; i <= last; ++i) {
      const auto cells = cells_of(lines[i]);
      if (cells.empty()) continue;
      if (const auto name = benchmark_of_cell(cells[0]); !name.empty()) by_row(header, cells, name);
      if (is_ours(cells[0])) by_column(header, cells);
    }
    return last;
  }

  /// A row a benchmark: the model's own column, or the only one that has a score.
  void by_row(const std::vector<std::string_view>& header, const std::vector<std::string_view>& cells, std::string_view name) {
    std::optional<double> only;
    std::size_t scored = 0;
    for (std::size_t i = 1; i < cells.size(); ++i) {
      const bool shots = is_shots(cells[i]) || (i < header.size() && is_shots(header[i]));
      const auto score = shots ? std::nullopt : score_at(cells[i]);
      if (!score) continue;
      if (i < header.size() && is_ours(header[i])) return add(name, *score);
      only = score;
      ++scored;
    }
    if (scored == 1) add(name, *only);
  }

  void by_column(const std::vector<std::string_view>& header, const std::vector<std::string_view>& cells) {
    for (std::size_t i = 1; i < std::min(header.size(), cells.size()); ++i) {
      const auto name = benchmark_of_cell(header[i]);
      const auto score = score_at(cells[i]);
      if (!name.empty() && score) add(name, *score);
    }
  }

  /// "MMLU (5-shot): 56.3", "GSM8K accuracy of 57.2%".
  void prose(std::string_view line) {
    for (std::size_t at = 0; at < line.size();) {
      if (!is_name_part(line[at])) {
        ++at;
        continue;
      }
      auto end = at;
      while (end < line.size() &&
             (is_name_part(line[end]) || (line[end] == '-' && end + 1 < line.size() && is_name_part(line[end + 1]))))
        ++end;
      const auto word = line.substr(at, end - at);
      const auto name = known_benchmark(word);
      // "math" is a word of English; the benchmark is written in capitals.
      if (!name.empty() && (name != "MATH" || word == "MATH")) {
        if (const auto score = score_after(line.substr(end))) add(name, *score);
      }
      at = end;
    }
  }

  static std::optional<double> score_after(std::string_view rest) noexcept {
    while (!rest.empty()) {
      if (rest[0] == '(' || rest[0] == '[') {
        const auto close = rest.find(rest[0] == '(' ? ')' : ']');
        if (close == std::string_view::npos) return std::nullopt;
        rest.remove_prefix(close + 1);
      } else if (std::string_view{" \t:=*~"}.find(rest[0]) != std::string_view::npos) {
        rest.remove_prefix(1);
      } else if (const auto filler = filler_at(rest); filler != 0) {
        rest.remove_prefix(filler);
      } else {
        return score_at(rest);
      }
    }
    return std::nullopt;
  }
  static std::size_t filler_at(std::string_view rest) noexcept {
    for (const auto word : kFillers) {
      if (rest.starts_with(word) && (rest.size() == word.size() || !is_name_part(rest[word.size()]))) return word.size();
    }
    return 0;
  }

  const std::string model_;
  std::vector<BenchmarkScore> scores_;
};

}  // namespace

std::string_view known_benchmark(std::string_view name) {
  // HumanEval+ and MBPP+ are other benchmarks, and their keys would lose the plus.
  if (name.find('+') != std::string_view::npos) return {};
  const auto key = benchmark_key(name);
  const auto found = std::ranges::find(kKnown, std::string_view{key}, &Known::key);
  return found == std::end(kKnown) ? std::string_view{} : found->name;
}

std::vector<BenchmarkScore> scores_of_readme(std::string_view readme, std::string_view model) {
  Reader reader{model};
  reader.read(readme);
  return reader.take();
}

}  // namespace tablinum::models
