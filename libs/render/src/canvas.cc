#include "canvas.h"

#include <cmath>
#include <numbers>

#include "pango.h"
#include "text.h"

namespace tablinum::render {
namespace {

using tree::charts::Point;
using tree::charts::Sector;

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kHeightOfLetters = 4.5;  // half of a capital letter's height: from a line's middle down to its foot
/// As pango falls back from font to font, words in scripts that the first does not have find their letters too.
constexpr const char* kFamilies = "Atkinson Hyperlegible, Noto Sans, DejaVu Sans, sans-serif";

struct Unref {
  template <class T>
  void operator()(T* object) const noexcept { library().g_object_unref(object); }
};
struct FreeFont {
  void operator()(PangoFontDescription* font) const noexcept { library().pango_font_description_free(font); }
};
using Font = std::unique_ptr<PangoFontDescription, FreeFont>;

Font make_font(double pixels, bool bold) {
  Font font{library().pango_font_description_new()};
  library().pango_font_description_set_family_static(font.get(), kFamilies);
  library().pango_font_description_set_absolute_size(font.get(), pixels * PANGO_SCALE);
  if (bold) library().pango_font_description_set_weight(font.get(), PANGO_WEIGHT_SEMIBOLD);
  return font;
}

/// Width and height of a JPEG of a usual kind, as its frame header says (ITU-T T.81 B.2.2).
std::optional<std::pair<std::uint32_t, std::uint32_t>> jpeg_size(ByteView jpeg) noexcept {
  const auto byte = [&](std::size_t at) { return std::to_integer<std::uint32_t>(jpeg[at]); };
  if (jpeg.size() < 4 || byte(0) != 0xFF || byte(1) != 0xD8) return std::nullopt;
  for (std::size_t at = 2; at + 9 <= jpeg.size() && byte(at) == 0xFF;) {
    const std::uint32_t marker = byte(at + 1);
    if (marker >= 0xC0 && marker <= 0xC2) {
      const std::uint32_t height = byte(at + 5) << 8 | byte(at + 6), width = byte(at + 7) << 8 | byte(at + 8);
      if (width == 0 || height == 0 || width > kPhotoSideMax || height > kPhotoSideMax) return std::nullopt;
      return std::pair{width, height};
    }
    at += 2 + (byte(at + 2) << 8 | byte(at + 3));
  }
  return std::nullopt;
}

constexpr double kAnyRoom = 1e9;
/// Words that would be cut to less say nothing.
constexpr double kRoomMin = 8;

double units(int pango) noexcept { return static_cast<double>(pango) / PANGO_SCALE; }

std::size_t bytes_of_letter(char lead) noexcept {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// Letters that join each other or stand above their neighbours cannot be turned one by one.
bool letters_join(std::string_view text) noexcept {
  for (const char* at = text.data(); at < text.data() + text.size(); at += bytes_of_letter(*at)) {
    switch (library().g_unichar_get_script(library().g_utf8_get_char(at))) {
      case G_UNICODE_SCRIPT_LATIN:
      case G_UNICODE_SCRIPT_COMMON:
      case G_UNICODE_SCRIPT_INHERITED:
      case G_UNICODE_SCRIPT_CYRILLIC:
      case G_UNICODE_SCRIPT_GREEK:
      case G_UNICODE_SCRIPT_HEBREW:
      case G_UNICODE_SCRIPT_ARMENIAN:
      case G_UNICODE_SCRIPT_GEORGIAN:
      case G_UNICODE_SCRIPT_HAN:
      case G_UNICODE_SCRIPT_HIRAGANA:
      case G_UNICODE_SCRIPT_KATAKANA:
      case G_UNICODE_SCRIPT_HANGUL: break;
      default: return true;
    }
  }
  return false;
}

}  // namespace

struct Canvas::Fonts {
  // A font map of its own: the shared one is kept for each thread as long as that lives.
  std::unique_ptr<PangoFontMap, Unref> map{library().pango_cairo_font_map_new()};
  std::unique_ptr<PangoContext, Unref> context{library().pango_font_map_create_context(map.get())};
  std::unique_ptr<PangoLayout, Unref> layout{library().pango_layout_new(context.get())};
  std::array<Font, 3> fonts{make_font(13, true), make_font(12, false), make_font(10, false)};
};

Canvas::Canvas(double width_points, double height_points) : fonts_{std::make_unique<Fonts>()} {
  const auto sink = [](void* self, const unsigned char* data, unsigned int size) {
    return static_cast<cairo_status_t>(write(self, data, size));
  };
  surface_ = library().cairo_pdf_surface_create_for_stream(sink, this, width_points, height_points);
  cairo_ = library().cairo_create(surface_);
  // Widths must not depend on the size at which they are measured: the same words are cut the same way on every sheet.
  cairo_font_options_t* options = library().cairo_font_options_create();
  library().cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  library().cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  library().pango_cairo_context_set_font_options(fonts_->context.get(), options);
  library().cairo_font_options_destroy(options);
  library().pango_cairo_context_set_resolution(fonts_->context.get(), 72);
  library().pango_layout_set_single_paragraph_mode(fonts_->layout.get(), true);
}

Canvas::~Canvas() {
  for (const auto& [number, picture] : pictures_)
    if (picture != nullptr) library().cairo_surface_destroy(picture);
  library().cairo_destroy(cairo_);
  library().cairo_surface_destroy(surface_);
}

int Canvas::write(void* self, const unsigned char* data, unsigned int size) {
  auto& canvas = *static_cast<Canvas*>(self);
  if (canvas.out_.size() + size > kPdfBytesMax) {
    canvas.overflow_ = true;
    return CAIRO_STATUS_WRITE_ERROR;
  }
  canvas.out_.append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

void Canvas::describe(const PdfOptions& options) {
  if (!options.title.empty()) library().cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_TITLE, plain(options.title).c_str());
  library().cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_CREATOR, "Tablinum");
  if (!options.created.empty())
    library().cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_CREATE_DATE, plain(options.created).c_str());
}

void Canvas::begin_sheet(double width_points, double height_points) {
  library().cairo_pdf_surface_set_size(surface_, width_points, height_points);
  // Until finish(): only below it do paragraphs make a tagged document. To set the size drops what was begun before.
  if (!begun_) library().cairo_tag_begin(cairo_, "Document", nullptr);
  begun_ = true;
  library().cairo_save(cairo_);
}
void Canvas::end_sheet() {
  library().cairo_restore(cairo_);
  library().cairo_show_page(cairo_);
}

void Canvas::enter(double left, double top, double width, double height, double points, Point origin) {
  library().cairo_save(cairo_);
  library().cairo_rectangle(cairo_, left, top, width, height);
  library().cairo_clip(cairo_);
  library().cairo_translate(cairo_, left, top);
  library().cairo_scale(cairo_, points, points);
  library().cairo_translate(cairo_, -origin.x, -origin.y);
}
void Canvas::leave() { library().cairo_restore(cairo_); }

void Canvas::begin_paragraph() { library().cairo_tag_begin(cairo_, "P", nullptr); }
void Canvas::end_paragraph() { library().cairo_tag_end(cairo_, "P"); }

void Canvas::colour(Colour colour) { library().cairo_set_source_rgb(cairo_, colour.red, colour.green, colour.blue); }

void Canvas::stroke(Colour line, double width, bool dashed) {
  constexpr std::array kDashes{5.0, 4.0};
  colour(line);
  library().cairo_set_line_width(cairo_, width);
  library().cairo_set_dash(cairo_, kDashes.data(), dashed ? static_cast<int>(kDashes.size()) : 0, 0);
  library().cairo_stroke(cairo_);
}

void Canvas::rectangle(double x, double y, double w, double h, double radius, Colour fill, Colour line, double line_width, bool dashed) {
  library().cairo_new_path(cairo_);
  library().cairo_arc(cairo_, x + w - radius, y + radius, radius, -90 * kRadians, 0);
  library().cairo_arc(cairo_, x + w - radius, y + h - radius, radius, 0, 90 * kRadians);
  library().cairo_arc(cairo_, x + radius, y + h - radius, radius, 90 * kRadians, 180 * kRadians);
  library().cairo_arc(cairo_, x + radius, y + radius, radius, 180 * kRadians, 270 * kRadians);
  library().cairo_close_path(cairo_);
  colour(fill);
  library().cairo_fill_preserve(cairo_);
  stroke(line, line_width, dashed);
}

void Canvas::lines(const Point* points, std::size_t count, Colour line, double width, bool dashed) {
  library().cairo_new_path(cairo_);  // words leave a point behind
  for (std::size_t i = 0; i < count; ++i) library().cairo_line_to(cairo_, points[i].x, points[i].y);
  stroke(line, width, dashed);
}

void Canvas::bar(double x, double y, double w, double h, Colour fill) {
  library().cairo_new_path(cairo_);
  library().cairo_rectangle(cairo_, x, y, w, h);
  colour(fill);
  library().cairo_fill(cairo_);
}

cairo_surface_t* Canvas::picture(std::size_t number, ByteView jpeg) {
  const auto [at, fresh] = pictures_.try_emplace(number, nullptr);
  const auto size = fresh ? jpeg_size(jpeg) : std::nullopt;
  if (!size) return at->second;
  // The file itself is put into the PDF: cairo asks for no pixel of a picture that has one.
  at->second = library().cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(size->first), static_cast<int>(size->second));
  auto* copy = new Bytes(jpeg.begin(), jpeg.end());
  const auto release = [](void* bytes) { delete static_cast<Bytes*>(bytes); };
  if (library().cairo_surface_set_mime_data(at->second, CAIRO_MIME_TYPE_JPEG, reinterpret_cast<const unsigned char*>(copy->data()),
                                            copy->size(), release, copy) != CAIRO_STATUS_SUCCESS)
    release(copy);
  return at->second;
}

void Canvas::photo(std::size_t number, ByteView jpeg, const PhotoPlace& place) {
  cairo_surface_t* surface = picture(number, jpeg);
  if (surface == nullptr) return;
  const double width = library().cairo_image_surface_get_width(surface), height = library().cairo_image_surface_get_height(surface);
  const double scale = place.side / std::min(width, height);
  library().cairo_tag_begin(cairo_, "Figure", nullptr);
  library().cairo_save(cairo_);
  library().cairo_new_path(cairo_);
  library().cairo_rectangle(cairo_, place.x, place.y, place.side, place.side);
  library().cairo_clip(cairo_);
  library().cairo_translate(cairo_, place.x + (place.side - width * scale) / 2, place.y + (place.side - height * scale) / 2);
  library().cairo_scale(cairo_, scale, scale);
  library().cairo_set_source_surface(cairo_, surface, 0, 0);
  library().cairo_paint(cairo_);
  library().cairo_restore(cairo_);
  library().cairo_tag_end(cairo_, "Figure");
}

void Canvas::circle(Point centre, double radius, Colour fill, Colour line, double line_width) {
  library().cairo_new_path(cairo_);
  library().cairo_arc(cairo_, centre.x, centre.y, radius, 0, 2 * std::numbers::pi);
  colour(fill);
  library().cairo_fill_preserve(cairo_);
  stroke(line, line_width, false);
}

void Canvas::shapes(const std::vector<Line>& shapes, Colour fill, Colour line, double line_width) {
  library().cairo_new_path(cairo_);
  for (const Line& shape : shapes) {
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const auto add = i == 0 ? library().cairo_move_to : library().cairo_line_to;
      add(cairo_, shape[i].x, shape[i].y);
    }
    library().cairo_close_path(cairo_);
  }
  library().cairo_set_fill_rule(cairo_, CAIRO_FILL_RULE_EVEN_ODD);
  colour(fill);
  library().cairo_fill_preserve(cairo_);
  stroke(line, line_width, false);
}

void Canvas::sector(Point centre, const Sector& sector, Colour fill, Colour line, bool dashed) {
  // Degrees of a sector count from the top, cairo's from the right.
  const double begin = (sector.begin - 90) * kRadians, end = (sector.end - 90) * kRadians;
  library().cairo_new_path(cairo_);
  library().cairo_arc(cairo_, centre.x, centre.y, sector.outer, begin, end);
  library().cairo_arc_negative(cairo_, centre.x, centre.y, sector.inner, end, begin);
  library().cairo_close_path(cairo_);
  colour(fill);
  library().cairo_fill_preserve(cairo_);
  stroke(line, 1, dashed);
}

PangoLayout* Canvas::set(Style style, std::string_view text, double room) {
  PangoLayout* layout = fonts_->layout.get();
  const std::string words = plain(shortened(text, kLineCharactersMax));
  library().pango_layout_set_font_description(layout, fonts_->fonts[static_cast<std::size_t>(style)].get());
  library().pango_layout_set_width(layout, -1);
  library().pango_layout_set_text(layout, words.data(), static_cast<int>(words.size()));
  int width = 0;
  library().pango_layout_get_size(layout, &width, nullptr);
  if (units(width) > room) {
    library().pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    library().pango_layout_set_width(layout, static_cast<int>(std::max(room, 0.0) * PANGO_SCALE));
  } else {
    library().pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_NONE);
  }
  return layout;
}

double Canvas::width_of(Style style, std::string_view text) {
  int width = 0;
  library().pango_layout_get_size(set(style, text, kAnyRoom), &width, nullptr);
  return units(width);
}

std::string Canvas::fitting(Style style, std::string text, double room) {
  const double width = width_of(style, text);
  if (text.empty() || room < kRoomMin) return {};
  if (width <= room) return text;
  auto characters = static_cast<std::size_t>(static_cast<double>(text.size()) * room / width);
  for (; characters > 1; --characters)
    if (std::string shorter = shortened(text, characters); width_of(style, shorter) <= room) return shorter;
  return {};
}

void Canvas::text(Style style, Colour ink, Point at, Anchor anchor, std::string_view text, double room, bool patch) {
  if (text.empty() || room < kRoomMin) return;
  PangoLayout* layout = set(style, text, room);
  PangoRectangle logical;
  library().pango_layout_get_extents(layout, nullptr, &logical);
  const double width = units(logical.width);
  const double x = at.x - (anchor == Anchor::begin ? 0 : anchor == Anchor::middle ? width / 2 : width);
  if (patch) bar(x - 2, at.y - 11, width + 4, 14, kWhite);
  colour(ink);
  library().cairo_move_to(cairo_, x - units(logical.x), at.y - units(library().pango_layout_get_baseline(layout)));
  library().pango_cairo_show_layout(cairo_, layout);
}

void Canvas::turned_text(Style style, Colour ink, Point middle, double degrees, std::string_view text, double room) {
  library().cairo_save(cairo_);
  library().cairo_translate(cairo_, middle.x, middle.y);
  library().cairo_rotate(cairo_, degrees * kRadians);
  this->text(style, ink, {0, kHeightOfLetters}, Anchor::middle, text, room);
  library().cairo_restore(cairo_);
}

void Canvas::bent_text(Style style, Colour ink, Point centre, double degrees, double radius, bool turned, std::string_view text,
                       double room) {
  const std::string words = fitting(style, plain(shortened(text, kLineCharactersMax)), room);
  if (words.empty()) return;
  if (letters_join(words)) {
    const double angle = degrees * kRadians;
    return turned_text(style, ink, {centre.x + radius * std::sin(angle), centre.y - radius * std::cos(angle)},
                       turned ? degrees + 180 : degrees, words, room);
  }
  PangoLayout* layout = set(style, words, 2 * room);
  int total = 0;
  library().pango_layout_get_size(layout, &total, nullptr);
  // In the order in which they stand, whatever the direction of reading.
  std::vector<std::pair<int, double>> places;
  PangoLayoutIter* iter = library().pango_layout_get_iter(layout);
  do {
    PangoRectangle cluster;
    library().pango_layout_iter_get_cluster_extents(iter, nullptr, &cluster);
    places.emplace_back(library().pango_layout_iter_get_index(iter), units(cluster.x) + units(cluster.width) / 2);
  } while (library().pango_layout_iter_next_cluster(iter));
  library().pango_layout_iter_free(iter);
  std::vector<int> begins;
  for (const auto& [index, middle] : places) begins.push_back(index);
  std::ranges::sort(begins);
  for (const auto& [index, middle] : places) {
    const auto next = std::ranges::upper_bound(begins, index);
    const auto begin = static_cast<std::size_t>(index), end = next == begins.end() ? words.size() : static_cast<std::size_t>(*next);
    const double along = (middle - units(total) / 2) / radius;
    const double angle = degrees * kRadians + (turned ? -along : along);
    const Point at{centre.x + radius * std::sin(angle), centre.y - radius * std::cos(angle)};
    const auto letter = std::string_view{words}.substr(begin, end - begin);
    turned_text(style, ink, at, (turned ? angle + std::numbers::pi : angle) / kRadians, letter, kAnyRoom);
  }
}

Result<std::string> Canvas::finish() {
  if (begun_) library().cairo_tag_end(cairo_, "Document");
  library().cairo_destroy(cairo_);
  cairo_ = nullptr;
  library().cairo_surface_finish(surface_);
  const cairo_status_t status = library().cairo_surface_status(surface_);
  if (overflow_) return fail(Code::too_large, "the chart's PDF is over its limit");
  if (status != CAIRO_STATUS_SUCCESS) return fail(Code::unavailable, std::string{"cairo: "} + library().cairo_status_to_string(status));
  return std::move(out_);
}

}  // namespace tablinum::render
