#pragma once
/// Sheets of a PDF to draw on: cairo for lines, pango for words. Units of the drawing calls are those of the chart.
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "outlines.h"
#include "tablinum/render/pdf.h"
#include "words.h"

typedef struct _cairo cairo_t;
typedef struct _cairo_surface cairo_surface_t;
typedef struct _PangoLayout PangoLayout;

namespace tablinum::render {

struct Colour {
  double red, green, blue;
};
inline constexpr Colour kInk{.078, .098, .102}, kNote{.275, .318, .322}, kGrey{.49, .545, .541}, kAccent{.051, .416, .4},
    kWhite{1, 1, 1}, kFaint{.87, .89, .89}, kSeaColour{.875, .914, .918},
    kLandColour{.957, .945, .918}, kBorderColour{.737, .776, .769}, kWayColour{.541, .294, .071};

enum class Style : unsigned char { name, note, small };
enum class Anchor : unsigned char { begin, middle, end };

class Canvas {
 public:
  Canvas(double width_points, double height_points);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  void describe(const PdfOptions& options);
  void begin_sheet(double width_points, double height_points);
  void end_sheet();
  /// From here on units are the chart's, of which `points` points make one, and nothing is drawn outside of the rectangle.
  void enter(double left_points, double top_points, double width_points, double height_points, double points, tree::charts::Point origin);
  void leave();

  /// A marked paragraph: what is drawn until the end is read as one.
  void begin_paragraph();
  void end_paragraph();

  void rectangle(double x, double y, double w, double h, double radius, Colour fill, Colour line, double line_width, bool dashed);
  void lines(const tree::charts::Point* points, std::size_t count, Colour colour, double width, bool dashed);
  void bar(double x, double y, double w, double h, Colour fill);
  /// A square of the middle of a JPEG; a figure for screen readers. The same number on another sheet is the same picture.
  /// @note What is no JPEG is left out.
  void photo(std::size_t number, ByteView jpeg, const PhotoPlace& place);
  void circle(tree::charts::Point centre, double radius, Colour fill, Colour line, double line_width);
  /// Closed lines; what lies within two of them is a hole.
  void shapes(const std::vector<Line>& shapes, Colour fill, Colour line, double line_width);
  void sector(tree::charts::Point centre, const tree::charts::Sector& sector, Colour fill, Colour line, bool dashed);

  double width_of(Style style, std::string_view text);
  /// One line of words, its base line at `y`, cut with an ellipsis where it is wider than `room`. `patch`: on a patch of paper.
  void text(Style style, Colour colour, tree::charts::Point at, Anchor anchor, std::string_view text, double room, bool patch = false);
  /// The same, centred on a point and turned by degrees clockwise.
  void turned_text(Style style, Colour colour, tree::charts::Point middle, double degrees, std::string_view text, double room);
  /// The same, centred along an arc, letter by letter; in one straight piece where letters join each other.
  void bent_text(Style style, Colour colour, tree::charts::Point centre, double degrees, double radius, bool turned, std::string_view text,
                 double room);

  /// @error too_large, unavailable.
  Result<std::string> finish();

 private:
  static int write(void* self, const unsigned char* data, unsigned int size);
  PangoLayout* set(Style style, std::string_view text, double room);
  /// The beginning of the text that has room, with an ellipsis.
  std::string fitting(Style style, std::string text, double room);
  cairo_surface_t* picture(std::size_t number, ByteView jpeg);
  void colour(Colour colour);
  void stroke(Colour colour, double width, bool dashed);

  std::string out_;
  bool overflow_ = false;
  bool begun_ = false;
  cairo_surface_t* surface_ = nullptr;
  cairo_t* cairo_ = nullptr;
  std::map<std::size_t, cairo_surface_t*> pictures_;  // null: no JPEG
  struct Fonts;
  std::unique_ptr<Fonts> fonts_;
};

}  // namespace tablinum::render
