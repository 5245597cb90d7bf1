#pragma once
/// Pango and cairo, loaded when they are first needed: they bring 56 libraries, which no other command should wait for.
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "tablinum/base/error.h"

namespace tablinum::render {

#define TABLINUM_PANGO_FUNCTIONS(X) \
  X(cairo_arc) X(cairo_arc_negative) X(cairo_clip) X(cairo_close_path) X(cairo_create) X(cairo_destroy) X(cairo_fill) \
  X(cairo_fill_preserve) X(cairo_font_options_create) X(cairo_font_options_destroy) X(cairo_font_options_set_hint_metrics) \
  X(cairo_font_options_set_hint_style) X(cairo_line_to) X(cairo_move_to) X(cairo_new_path) \
  X(cairo_pdf_surface_create_for_stream) X(cairo_pdf_surface_set_metadata) X(cairo_pdf_surface_set_size) \
  X(cairo_rectangle) X(cairo_image_surface_create) X(cairo_image_surface_get_height) X(cairo_image_surface_get_width) X(cairo_paint) \
  X(cairo_restore) X(cairo_rotate) X(cairo_save) X(cairo_scale) X(cairo_set_dash) X(cairo_set_fill_rule) \
  X(cairo_set_source_surface) X(cairo_surface_set_mime_data) \
  X(cairo_set_line_width) X(cairo_set_source_rgb) X(cairo_show_page) X(cairo_status_to_string) X(cairo_stroke) \
  X(cairo_surface_destroy) X(cairo_surface_finish) X(cairo_surface_status) X(cairo_tag_begin) X(cairo_tag_end) \
  X(cairo_translate) X(g_object_unref) X(g_unichar_get_script) X(g_utf8_get_char) X(pango_cairo_context_set_font_options) \
  X(pango_cairo_context_set_resolution) X(pango_cairo_font_map_new) X(pango_cairo_show_layout) \
  X(pango_font_description_free) X(pango_font_description_new) X(pango_font_description_set_absolute_size) \
  X(pango_font_description_set_family_static) X(pango_font_description_set_weight) X(pango_font_map_create_context) \
  X(pango_layout_get_baseline) X(pango_layout_get_extents) X(pango_layout_get_iter) X(pango_layout_get_size) \
  X(pango_layout_iter_free) X(pango_layout_iter_get_cluster_extents) X(pango_layout_iter_get_index) \
  X(pango_layout_iter_next_cluster) X(pango_layout_new) X(pango_layout_set_ellipsize) X(pango_layout_set_font_description) \
  X(pango_layout_set_single_paragraph_mode) X(pango_layout_set_text) X(pango_layout_set_width)

/// Their functions under their own names.
struct Pango {
#define TABLINUM_MEMBER(name) decltype(&::name) name = nullptr;
  TABLINUM_PANGO_FUNCTIONS(TABLINUM_MEMBER)
#undef TABLINUM_MEMBER
};

/// Loads them, once.  @error unavailable: they are not on this system.  Thread-safe.
Result<void> load_pango();
/// @pre load_pango() succeeded
const Pango& library() noexcept;

}  // namespace tablinum::render
