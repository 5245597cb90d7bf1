#include <algorithm>
#include <array>

#include "model/date_text.h"
#include "model/view_parts.h"

namespace tablinum::tree::model {
namespace {

using parts::text_of;

// Calls `take(node, tag)` for each level-1 node, then reads what all records have.
template <class Take>
void read_nodes(const Structure& record, RecordView& view, Take take) {
  parts::start(record, view);
  for (const auto child : record.children(0)) {
    const auto tag = known_tag(record[child]);
    take(child, tag);
    parts::read_common(record, child, tag, view);
  }
  parts::read_links(record, view);
}

void set_first(std::string_view& value, std::string_view text) {
  if (value.empty()) value = text;
}

void read_form(const Structure& record, std::uint32_t node, MediaFile& file) {
  file.form = text_of(record, node);
  for (const auto child : record.children(node)) {
    const auto tag = known_tag(record[child]);
    if (tag == Tag::MEDI || tag == Tag::TYPE) file.medium = text_of(record, child);
  }
}

MediaFile read_file(const Structure& record, std::uint32_t node) {
  MediaFile file{.node = node, .path = text_of(record, node), .form = {}, .medium = {}, .title = {}};
  for (const auto child : record.children(node)) {
    const auto tag = known_tag(record[child]);
    if (tag == Tag::FORM) read_form(record, child, file);
    if (tag == Tag::TITL) file.title = text_of(record, child);
    if (tag == Tag::MEDI) file.medium = text_of(record, child);
  }
  return file;
}

struct FormMime {
  std::string_view form, mime;
};
constexpr std::array kMimes{
    FormMime{"JPG", "image/jpeg"},      FormMime{"JPEG", "image/jpeg"},     FormMime{"PNG", "image/png"},
    FormMime{"GIF", "image/gif"},       FormMime{"TIF", "image/tiff"},      FormMime{"TIFF", "image/tiff"},
    FormMime{"BMP", "image/bmp"},       FormMime{"WEBP", "image/webp"},     FormMime{"HEIC", "image/heic"},
    FormMime{"PCX", "image/vnd.zbrush.pcx"}, FormMime{"SVG", "image/svg+xml"}, FormMime{"PDF", "application/pdf"},
    FormMime{"WAV", "audio/x-wav"},     FormMime{"MP3", "audio/mpeg"},      FormMime{"OGG", "audio/ogg"},
    FormMime{"M4A", "audio/mp4"},       FormMime{"MP4", "video/mp4"},       FormMime{"MPG", "video/mpeg"},
    FormMime{"MPEG", "video/mpeg"},     FormMime{"MOV", "video/quicktime"}, FormMime{"AVI", "video/x-msvideo"},
    FormMime{"WEBM", "video/webm"},     FormMime{"TXT", "text/plain"},      FormMime{"TEXT", "text/plain"},
    FormMime{"HTM", "text/html"},       FormMime{"HTML", "text/html"},      FormMime{"RTF", "application/rtf"},
    FormMime{"DOC", "application/msword"},
    FormMime{"DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
};

PlaceName read_place_name(const Structure& record, std::uint32_t node) {
  return {.node = node, .text = text_of(record, node), .language = record.child_text(node, Tag::LANG),
          .date = parse_date(record.child_text(node, Tag::DATE))};
}

}  // namespace

AddressView read_address(const Structure& record, std::uint32_t owner) {
  AddressView address;
  for (const auto child : record.children(owner)) {
    const auto text = text_of(record, child);
    switch (known_tag(record[child])) {
      case Tag::PHON: address.phones.push_back(text); break;
      case Tag::EMAIL: address.emails.push_back(text); break;
      case Tag::FAX: address.faxes.push_back(text); break;
      case Tag::WWW: address.web.push_back(text); break;
      case Tag::ADDR:
        set_first(address.text, text);
        set_first(address.line1, record.child_text(child, Tag::ADR1));
        set_first(address.line2, record.child_text(child, Tag::ADR2));
        set_first(address.line3, record.child_text(child, Tag::ADR3));
        set_first(address.city, record.child_text(child, Tag::CITY));
        set_first(address.state, record.child_text(child, Tag::STAE));
        set_first(address.postal_code, record.child_text(child, Tag::POST));
        set_first(address.country, record.child_text(child, Tag::CTRY));
        break;
      default: break;
    }
  }
  return address;
}

void read_source(const Structure& record, SourceView& view) {
  view.title = view.author = view.publication = view.abbreviation = view.text = view.agency = {};
  read_nodes(record, view, [&](std::uint32_t node, Tag tag) {
    const auto text = text_of(record, node);
    switch (tag) {
      case Tag::TITL: set_first(view.title, text); break;
      case Tag::AUTH: set_first(view.author, text); break;
      case Tag::PUBL: set_first(view.publication, text); break;
      case Tag::ABBR: set_first(view.abbreviation, text); break;
      case Tag::TEXT: set_first(view.text, text); break;
      case Tag::DATA: set_first(view.agency, record.child_text(node, Tag::AGNC)); break;
      default: break;
    }
  });
}

void read_repository(const Structure& record, RepositoryView& view) {
  view.name = {};
  read_nodes(record, view, [&](std::uint32_t node, Tag tag) {
    if (tag == Tag::NAME) set_first(view.name, text_of(record, node));
  });
  view.address = read_address(record, 0);
}

std::string_view mime_of_form(std::string_view form) noexcept {
  form = date_text::trim(form);
  if (form.contains('/')) return form;
  for (const auto& row : kMimes)
    if (date_text::equal_ignoring_case(form, row.form)) return row.mime;
  return "application/octet-stream";
}

void read_embedded_media(const Structure& record, std::uint32_t node, std::vector<MediaFile>& files) {
  const auto first = files.size();
  MediaFile shared;  // 5.5 and embedded objects say FORM and TITL beside FILE, not below it
  for (const auto child : record.children(node)) {
    const auto tag = known_tag(record[child]);
    if (tag == Tag::FILE) files.push_back(read_file(record, child));
    if (tag == Tag::FORM) read_form(record, child, shared);
    if (tag == Tag::TITL) shared.title = text_of(record, child);
  }
  for (auto& file : std::span{files}.subspan(first)) {
    set_first(file.form, shared.form);
    set_first(file.medium, shared.medium);
    set_first(file.title, shared.title);
  }
}

void read_media(const Structure& record, MediaView& view) {
  view.title = {};
  view.files.clear();
  read_nodes(record, view, [&](std::uint32_t node, Tag tag) {
    if (tag == Tag::TITL) set_first(view.title, text_of(record, node));
  });
  read_embedded_media(record, 0, view.files);
  if (view.title.empty() && !view.files.empty()) view.title = view.files.front().title;
}

void read_note(const Structure& record, NoteView& view) {
  view.text = record.empty() ? std::string_view{} : text_of(record, 0);
  view.language = view.mime = {};
  view.translations.clear();
  read_nodes(record, view, [&](std::uint32_t node, Tag tag) {
    if (tag == Tag::LANG) set_first(view.language, text_of(record, node));
    if (tag == Tag::MIME) set_first(view.mime, text_of(record, node));
    if (tag == Tag::TRAN)
      view.translations.push_back(
          {text_of(record, node), record.child_text(node, Tag::LANG), record.child_text(node, Tag::MIME)});
  });
}

void read_submitter(const Structure& record, SubmitterView& view) {
  view.name = {};
  view.languages.clear();
  read_nodes(record, view, [&](std::uint32_t node, Tag tag) {
    if (tag == Tag::NAME) set_first(view.name, text_of(record, node));
    if (tag == Tag::LANG) view.languages.push_back(text_of(record, node));
  });
  view.address = read_address(record, 0);
}

void read_place(const Structure& record, PlaceView& view) {
  view.names.clear();
  view.jurisdictions.clear();
  view.events.clear();
  view.type = {};
  view.coordinates.reset();
  read_nodes(record, view, [&](std::uint32_t node, Tag tag) {
    switch (tag) {
      case Tag::NAME: view.names.push_back(read_place_name(record, node)); break;
      case Tag::PLAC: view.jurisdictions.push_back(read_place_name(record, node)); break;
      case Tag::TYPE: set_first(view.type, text_of(record, node)); break;
      case Tag::MAP: if (!view.coordinates) view.coordinates = parts::read_map(record, node); break;
      default: parts::read_event(record, node, record.root().tag, tag, view.events); break;
    }
  });
}

void read_story(const Structure& record, StoryView& view) {
  view.title = view.text = {};
  view.event = {};
  read_nodes(record, view, [&](std::uint32_t node, Tag tag) {
    if (tag == Tag::TITL) set_first(view.title, text_of(record, node));
    if (tag == Tag::TEXT) set_first(view.text, text_of(record, node));
  });
  if (record.empty()) return;
  view.event.tag = Tag::EVEN;
  parts::read_event_details(record, 0, view.event);
  view.event.type = event_type(Tag::INDI, Tag::EVEN, view.event.type_text);
}

}  // namespace tablinum::tree::model
