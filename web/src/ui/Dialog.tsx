import { type ReactNode, useEffect, useRef } from 'react';
import { IconX } from '@tabler/icons-react';
import { IconButton } from './Button.tsx';

/** The browser's own dialog: focus, Escape and the rest of the page are its business. */
export function Dialog({ open, title, closeLabel, onClose, children }: {
  open: boolean;
  title: string;
  closeLabel: string;
  onClose(): void;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current!;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog ref={ref} onClose={onClose} aria-labelledby="dialog-title" className="max-h-[85dvh] w-[min(40rem,calc(100vw-2rem))] overflow-auto rounded-card bg-card p-0 text-ink shadow-layer">
      {open && (
        <div className="p-5">
          <div className="mb-3 flex items-start justify-between gap-4">
            <h2 id="dialog-title" className="pt-2 font-serif text-xl font-semibold">{title}</h2>
            <IconButton label={closeLabel} icon={<IconX aria-hidden />} onClick={onClose} />
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}
