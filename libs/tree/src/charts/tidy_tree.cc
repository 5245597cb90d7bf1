#include "charts/tidy_tree.h"

namespace tablinum::tree::charts {
namespace {

constexpr std::uint32_t kNothing = 0xFFFFFFFF;

/// Left siblings whose subtrees still stand out, nearest first: where the next subtree may touch them.
struct LeftSibling {
  double lowest;         // how far down its right contour reaches
  std::uint32_t number;  // among the children of its parent
};

class Layouter {
 public:
  explicit Layouter(std::vector<TidyTree::Node>& nodes) : nodes_{nodes}, work_(nodes.size()) {
    for (auto n = static_cast<std::uint32_t>(nodes_.size()); n-- > 1;) ++work_[nodes_[n].parent].child_count;
    std::uint32_t begin = 0;
    for (auto& work : work_) {
      work.first_child = begin;
      begin += work.child_count;
      work.child_count = 0;
    }
    children_.resize(begin);
    for (std::uint32_t n = 1; n < nodes_.size(); ++n) {
      Work& parent = work_[nodes_[n].parent];
      children_[parent.first_child + parent.child_count++] = n;
      nodes_[n].along = nodes_[nodes_[n].parent].along + nodes_[nodes_[n].parent].depth;
    }
  }

  void run() {
    // Children come after their parents, so the last node first is a walk from the leaves up; and the other way round.
    for (auto n = static_cast<std::uint32_t>(nodes_.size()); n-- > 0;) first_walk(n);
    second_walk();
  }

 private:
  struct Work {
    std::uint32_t first_child = 0, child_count = 0;
    std::uint32_t thread_left = kNothing, thread_right = kNothing;
    std::uint32_t extreme_left = kNothing, extreme_right = kNothing;
    double mod = 0, shift = 0, change = 0, prelim = 0;
    double mod_left = 0, mod_right = 0;  // sums of mod at the extremes
  };

  std::uint32_t child(std::uint32_t n, std::uint32_t number) const { return children_[work_[n].first_child + number]; }
  double bottom(std::uint32_t n) const { return nodes_[n].along + nodes_[n].depth; }

  void first_walk(std::uint32_t n) {
    Work& work = work_[n];
    if (work.child_count == 0) return set_extremes(n);
    left_siblings_.assign(1, {bottom(work_[child(n, 0)].extreme_left), 0});
    for (std::uint32_t i = 1; i < work.child_count; ++i) {
      const double lowest = bottom(work_[child(n, i)].extreme_right);
      separate(n, i);
      while (!left_siblings_.empty() && lowest >= left_siblings_.back().lowest) left_siblings_.pop_back();
      left_siblings_.push_back({lowest, i});
    }
    position_root(n);
    set_extremes(n);
  }

  void set_extremes(std::uint32_t n) {
    Work& work = work_[n];
    if (work.child_count == 0) {
      work.extreme_left = work.extreme_right = n;
      work.mod_left = work.mod_right = 0;
      return;
    }
    const Work& first = work_[child(n, 0)];
    const Work& last = work_[child(n, work.child_count - 1)];
    work.extreme_left = first.extreme_left;
    work.mod_left = first.mod_left;
    work.extreme_right = last.extreme_right;
    work.mod_right = last.mod_right;
  }

  std::uint32_t next_left(std::uint32_t n) const { return work_[n].child_count == 0 ? work_[n].thread_left : child(n, 0); }
  std::uint32_t next_right(std::uint32_t n) const {
    return work_[n].child_count == 0 ? work_[n].thread_right : child(n, work_[n].child_count - 1);
  }

  /// Moves child `i` to the right until its left contour clears the right contour of all children before it.
  void separate(std::uint32_t n, std::uint32_t i) {
    std::uint32_t right_of_left = child(n, i - 1);
    double right_mods = work_[right_of_left].mod;
    std::uint32_t left_of_right = child(n, i);
    double left_mods = work_[left_of_right].mod;
    std::size_t at = left_siblings_.size() - 1;
    while (right_of_left != kNothing && left_of_right != kNothing) {
      if (bottom(right_of_left) > left_siblings_[at].lowest && at > 0) --at;
      const double gap =
          right_mods + work_[right_of_left].prelim + nodes_[right_of_left].breadth - (left_mods + work_[left_of_right].prelim);
      if (gap > 0) {
        left_mods += gap;
        move_subtree(n, i, left_siblings_[at].number, gap);
      }
      const double right_bottom = bottom(right_of_left), left_bottom = bottom(left_of_right);
      if (right_bottom <= left_bottom) {
        right_of_left = next_right(right_of_left);
        if (right_of_left != kNothing) right_mods += work_[right_of_left].mod;
      }
      if (right_bottom >= left_bottom) {
        left_of_right = next_left(left_of_right);
        if (left_of_right != kNothing) left_mods += work_[left_of_right].mod;
      }
    }
    if (right_of_left == kNothing && left_of_right != kNothing) set_left_thread(n, i, left_of_right, left_mods);
    if (right_of_left != kNothing && left_of_right == kNothing) set_right_thread(n, i, right_of_left, right_mods);
  }

  void move_subtree(std::uint32_t n, std::uint32_t i, std::uint32_t from, double distance) {
    Work& moved = work_[child(n, i)];
    moved.mod += distance;
    moved.mod_left += distance;
    moved.mod_right += distance;
    if (from + 1 >= i) return;
    const double siblings = i - from;  // the children between are spread evenly
    work_[child(n, from + 1)].shift += distance / siblings;
    moved.shift -= distance / siblings;
    moved.change -= distance - distance / siblings;
  }

  void set_left_thread(std::uint32_t n, std::uint32_t i, std::uint32_t to, double mods) {
    Work& first = work_[child(n, 0)];
    Work& end = work_[first.extreme_left];
    end.thread_left = to;
    const double difference = mods - work_[to].mod - first.mod_left;
    end.mod += difference;
    end.prelim -= difference;
    first.extreme_left = work_[child(n, i)].extreme_left;
    first.mod_left = work_[child(n, i)].mod_left;
  }

  void set_right_thread(std::uint32_t n, std::uint32_t i, std::uint32_t to, double mods) {
    Work& moved = work_[child(n, i)];
    Work& end = work_[moved.extreme_right];
    end.thread_right = to;
    const double difference = mods - work_[to].mod - moved.mod_right;
    end.mod += difference;
    end.prelim -= difference;
    moved.extreme_right = work_[child(n, i - 1)].extreme_right;
    moved.mod_right = work_[child(n, i - 1)].mod_right;
  }

  void position_root(std::uint32_t n) {
    const std::uint32_t first = child(n, 0), last = child(n, work_[n].child_count - 1);
    work_[n].prelim =
        (work_[first].prelim + work_[first].mod + work_[last].mod + work_[last].prelim + nodes_[last].breadth) / 2 -
        nodes_[n].breadth / 2.0;
  }

  void second_walk() {
    std::vector<double> mods(nodes_.size());
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
      mods[n] = (n == 0 ? 0 : mods[nodes_[n].parent]) + work_[n].mod;
      across(n, work_[n].prelim + mods[n]);
      double shift = 0, change = 0;
      for (std::uint32_t i = 0; i < work_[n].child_count; ++i) {
        Work& work = work_[child(n, i)];
        shift += work.shift;
        change += shift + work.change;
        work.mod += change;
      }
    }
  }

  void across(std::uint32_t n, double value) {
    if (n == 0) origin_ = value + nodes_[0].breadth / 2.0;
    nodes_[n].across = value - origin_;
  }

  std::vector<TidyTree::Node>& nodes_;
  std::vector<Work> work_;
  std::vector<std::uint32_t> children_;
  std::vector<LeftSibling> left_siblings_;
  double origin_ = 0;
};

}  // namespace

std::uint32_t TidyTree::add(std::uint32_t parent, double breadth, double depth) {
  nodes.push_back({.breadth = breadth, .depth = depth, .parent = parent});
  return static_cast<std::uint32_t>(nodes.size() - 1);
}

void TidyTree::layout() {
  if (!nodes.empty()) Layouter{nodes}.run();
}

}  // namespace tablinum::tree::charts
