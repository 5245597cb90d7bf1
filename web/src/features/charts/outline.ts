/** The chart as a tree of lines: each box under the one from which it is reached. */
import type { Chart } from '../../api/types.ts';

export interface OutlineNode {
  box: number;
  /** 1 = the root. */
  level: number;
  /** Position among its siblings, from 1, and how many there are. */
  position: number;
  siblings: number;
  children: OutlineNode[];
}

/** @note Boxes come before those reached from them (types.ts), so one pass is enough and depth costs no stack. */
export function outlineOf(chart: Chart): OutlineNode[] {
  const nodes: OutlineNode[] = [];
  const roots: OutlineNode[] = [];
  chart.boxes.from.forEach((from, box) => {
    const parent = from >= 0 ? nodes[from] : undefined;
    const row = parent ? parent.children : roots;
    const node = { box, level: parent ? parent.level + 1 : 1, position: row.length + 1, siblings: 0, children: [] };
    row.push(node);
    nodes.push(node);
  });
  for (const node of nodes) for (const child of node.children) child.siblings = node.children.length;
  for (const root of roots) root.siblings = roots.length;
  return roots;
}

/** The lines that are seen: a closed node hides what is under it. */
export function visibleRows(roots: readonly OutlineNode[], closed: ReadonlySet<number>): OutlineNode[] {
  const rows: OutlineNode[] = [];
  const waiting = roots.toReversed();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    rows.push(node);
    if (!closed.has(node.box)) waiting.push(...node.children.toReversed());
  }
  return rows;
}

export interface Move {
  /** Row that gets the focus. */
  row: number;
  /** Box that opens or closes. */
  toggle: number | null;
}

/** What a key does on a row, after the ARIA treegrid pattern. Null: nothing. */
export function keyMove(rows: readonly OutlineNode[], row: number, key: string, closed: ReadonlySet<number>): Move | null {
  const node = rows[row];
  if (!node) return null;
  const open = node.children.length > 0 && !closed.has(node.box);
  const to = (target: number): Move => ({ row: Math.min(Math.max(target, 0), rows.length - 1), toggle: null });
  switch (key) {
    case 'ArrowDown':
      return to(row + 1);
    case 'ArrowUp':
      return to(row - 1);
    case 'Home':
      return to(0);
    case 'End':
      return to(rows.length - 1);
    case 'ArrowRight':
      if (node.children.length === 0) return null;
      return open ? to(row + 1) : { row, toggle: node.box };
    case 'ArrowLeft':
      return open ? { row, toggle: node.box } : to(rows.findLastIndex((other, index) => index < row && other.level < node.level));
    default:
      return null;
  }
}
