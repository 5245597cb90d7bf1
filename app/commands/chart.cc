// The command chart: a chart as a file to print or to mail.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "archive_command.h"
#include "tablinum/base/json.h"
#include "tablinum/base/stream.h"
#include "tablinum/genealogy_service/chart.h"

namespace tablinum::app {
namespace {

namespace charts = tree::charts;

struct ChartArguments {
  std::string kind, who, other, tree, format, output, paper = "chart", title, language = "en";
  std::uint32_t up = 4, down = 3, people = 10'000;
  std::optional<int> until;
  bool tile = false;
  double scale = 100;
};

Result<int> run_chart(const Globals& globals, const ChartArguments& arguments) {
  const auto kind = genealogy_service::chart_kind(arguments.kind);
  const auto paper = render::paper(arguments.paper);
  if (!kind || !paper) return fail(Code::invalid, "no such chart or paper");
  const bool pdf = arguments.format == "pdf" || (arguments.format.empty() && arguments.output.ends_with(".pdf"));
  if (!pdf && (arguments.tile || *paper != render::Paper::chart)) return fail(Code::invalid, "paper and posters are for --format pdf");
  TRY(archive, open_archive(globals, false));
  genealogy_service::ChartWish wish{.kind = *kind, .up = arguments.up, .down = arguments.down, .boxes_max = arguments.people,
                                  .until = arguments.until};
  store::TreeInfo tree;
  {
    TRY(reader, archive->database().reader());
    TRY(found, choose_tree(reader, arguments.tree));
    tree = found;
    TRY(root, choose_person(*archive, reader, tree, arguments.who));
    wish.root = root;
    if (*kind == charts::Kind::path) {
      if (arguments.other.empty()) return fail(Code::invalid, "a path needs --to, the person to whom it leads");
      TRY(other, choose_person(*archive, reader, tree, arguments.other));
      wish.other = other;
    }
  }
  const genealogy_service::PictureWish picture{.pdf = pdf,
                                               .language = arguments.language,
                                               .title = arguments.title,
                                               .paper = *paper,
                                               .tile = arguments.tile,
                                               .scale = arguments.scale / 100};
  TRY(bytes, genealogy_service::draw_chart(*archive, tree, wish, picture));
  TRY(file, create_sink(arguments.output));
  CHECK_OK(file->write(bytes_of(bytes)));
  CHECK_OK(file->finish());
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("file", arguments.output);
  w.field("format", pdf ? "pdf" : "svg");
  w.field("bytes", bytes.size());
  w.end_object();
  print_result(globals, w.take(), fmt::format("Wrote {} ({} kB)", arguments.output, (bytes.size() + 999) / 1000));
  return 0;
}

}  // namespace

void add_chart_commands(Commands& commands) {
  auto* chart = commands.root.add_subcommand("chart", "Draws a chart into a file, as PDF or SVG");
  const auto arguments = std::make_shared<ChartArguments>();
  chart
      ->add_option("KIND", arguments->kind,
                   "pedigree (ancestors), descendants, hourglass (both), fan, relatives (all who are connected), everyone, path (how two "
                   "people are related), timeline, map (where they lived)")
      ->check(CLI::IsMember({"pedigree", "descendants", "hourglass", "fan", "relatives", "everyone", "path", "timeline", "map"}))
      ->required();
  chart->add_option("WHO", arguments->who, "With whom it begins: id, identifier of the file (I1), or a name")->required();
  chart->add_option("-o,--output", arguments->output, "File to write")->required();
  chart->add_option("--to", arguments->other, "Of a path: to whom it leads");
  chart->add_option("--tree", arguments->tree, "Name or id of the tree");
  chart->add_option("--up", arguments->up, "Generations of ancestors")->check(CLI::Range(0, 1000))->capture_default_str();
  chart->add_option("--down", arguments->down, "Generations of descendants")->check(CLI::Range(0, 1000))->capture_default_str();
  chart->add_option("--people", arguments->people, "At most so many, the nearest first")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  chart->add_option("--until", arguments->until, "Of a map: only where somebody is known to have been by this year")
      ->check(CLI::Range(-9999, 9999));
  chart->add_option("--format", arguments->format, "pdf or svg (by the file's name if not given)")->check(CLI::IsMember({"pdf", "svg"}));
  chart
      ->add_option("--paper", arguments->paper,
                   "PDF: made to fit one sheet of A4, A3, A2, A1, A0 or letter; chart: a sheet as large as it")
      ->check(CLI::IsMember({"A4", "A3", "A2", "A1", "A0", "letter", "chart"}, CLI::ignore_case))
      ->capture_default_str();
  chart->add_flag("--tile", arguments->tile, "PDF: a poster of many sheets, with 10 mm overlap and marks to cut and glue");
  chart->add_option("--scale", arguments->scale, "Of a poster, in percent: 100 prints a box 46 mm wide")
      ->check(CLI::Range(5, 400))
      ->capture_default_str();
  chart->add_option("--title", arguments->title, "Heading (the tree's name if not given)");
  chart->add_option("--lang", arguments->language, "Language of the few words in it: en, de, fr, es, sn, nd")->capture_default_str();
  auto& chosen = commands.chosen;
  const auto& globals = commands.globals;
  chart->callback([&, arguments] {
    chosen = [&, arguments] {
      const auto result = run_chart(globals, *arguments);
      return result ? *result : report(globals, result.error());
    };
  });
}

}  // namespace tablinum::app
