#pragma once
/// Places: comma-separated jurisdictions, coordinates.
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tablinum::tree::model {

struct Coordinates {
  double latitude, longitude;  ///< degrees, north and east positive
  friend bool operator==(const Coordinates&, const Coordinates&) = default;
};

/// A place named at an event.
struct PlaceUse {
  std::uint32_t node = 0;      ///< of PLAC; 0: there is none
  std::string_view text;       ///< "Umtali, Manicaland, Rhodesia"
  std::string_view form;       ///< "City, Province, Country"; empty: the file's default
  std::string_view language;
  std::optional<Coordinates> coordinates;
};

/// The names between the commas, smallest first, blanks around them removed; empty ones are kept, for a FORM counts them.
/// At most kPlaceLevelsMax: what follows stays in the last.
inline constexpr std::size_t kPlaceLevelsMax = 16;
void split_place(std::string_view text, std::vector<std::string_view>& levels);

/// One coordinate: "N18.1", "S 18°58'12\"", "18.1S", "-18.97", "18 58 12 S", "18,97".
/// @param limit 90 for latitude, 180 for longitude
/// @return nothing if it is not a number, or out of range, or of the other axis (E for a latitude)
std::optional<double> parse_coordinate(std::string_view text, double limit) noexcept;
std::optional<Coordinates> parse_coordinates(std::string_view latitude, std::string_view longitude) noexcept;

}  // namespace tablinum::tree::model
