import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Command, findCommands } from '../lib/commands.ts';
import { activeShortcuts } from '../lib/keys.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { TextField } from '../ui/fields.tsx';
import type { Item } from './Shell.tsx';

/** The keys that work here, then the pages that have none of their own. */
function useCommands(tree: string | undefined, places: Item[], open: boolean): Command[] {
  const { t } = useTranslation(['window', 'common']);
  const navigate = useNavigate();
  return useMemo(() => {
    if (!open) return [];
    const byName = new Map(activeShortcuts().filter(({ name }) => name !== 'commands').map((shortcut) => [shortcut.name, shortcut]));
    const withKeys = [...byName.values()].map(({ name, keys, run }): Command => ({ id: name, text: t(`keys.${name}` as 'keys.map'), keys, run }));
    const pages = !tree ? [] : places.filter((item) => !byName.has(`go_${item.key}`)).map((item): Command =>
      ({ id: item.key, text: t(`common:nav.${item.key}`), run: () => void navigate({ to: item.to, params: { tree } }) }));
    const everywhere: Command[] = [
      { id: 'models', text: t('common:nav.models'), run: () => void navigate({ to: '/models/{-$part}', params: { part: undefined } }) },
      { id: 'settings', text: t('common:nav.settings'), run: () => void navigate({ to: '/settings' }) },
      { id: 'trees', text: t('common:nav.trees'), run: () => void navigate({ to: '/trees' }) },
    ];
    return [...withKeys, ...pages, ...everywhere];
  }, [tree, places, open, navigate, t]);
}

/** Everything one can go to or do, found by typing; Enter takes the first, Tab and the arrows go through the list. */
export function CommandList({ open, tree, pages, onClose }: { open: boolean; tree: string | undefined; pages: Item[]; onClose(): void }) {
  const { t } = useTranslation(['window', 'common']);
  const commands = useCommands(tree, pages, open);
  return (
    <Dialog open={open} title={t('commands.title')} closeLabel={t('common:close')} onClose={onClose}>
      <Choices commands={commands} onClose={onClose} />
    </Dialog>
  );
}

/** The arrows go from the field into the list and back. */
function move(event: React.KeyboardEvent<HTMLElement>) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  event.preventDefault();
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input, li button')];
  const at = stops.indexOf(document.activeElement as HTMLElement) + (event.key === 'ArrowDown' ? 1 : -1);
  stops[Math.max(0, Math.min(at, stops.length - 1))]?.focus();
}

/** Lives only while the dialog is open, so it begins empty each time. */
function Choices({ commands, onClose }: { commands: Command[]; onClose(): void }) {
  const { t } = useTranslation('window');
  const [query, setQuery] = useState('');
  const form = useRef<HTMLFormElement>(null);
  // After the dialog has been shown, which puts the focus on its first button.
  useEffect(() => {
    const frame = requestAnimationFrame(() => form.current?.querySelector('input')?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  const found = findCommands(commands, query);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  return (
    <form
      ref={form}
      onKeyDown={move}
      onSubmit={(event) => {
        event.preventDefault();
        run(found[0]);
      }}
    >
      <TextField label={t('commands.label')} autoComplete="off" spellCheck={false} value={query}
        onChange={(event) => setQuery(event.target.value)} />
      <p role="status" className="my-2 text-sm text-ink-2">{t('commands.found', { count: found.length })}</p>
      <ul>
        {found.map((command) => (
          <li key={command.id}>
            <button type="button" onClick={() => run(command)}
              className="flex min-h-11 w-full items-center justify-between gap-4 rounded-input px-3 text-start hover:bg-sunken">
              {command.text}
              {command.keys && <kbd className="font-sans text-sm text-ink-2">{command.keys}</kbd>}
            </button>
          </li>
        ))}
      </ul>
    </form>
  );
}
