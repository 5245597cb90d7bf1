/** Text field with suggestions, after the ARIA 1.2 combobox pattern (list autocomplete, manual selection). */
import { type ReactNode, type Ref, useId, useState } from 'react';
import { cx } from '../lib/class.ts';
import { inputClass } from './fields.tsx';

export interface ComboboxProps<T> {
  label: string;
  labelHidden?: boolean;
  placeholder?: string;
  text: string;
  onText(text: string): void;
  options: T[];
  optionKey(option: T): string;
  renderOption(option: T): ReactNode;
  onChoose(option: T): void;
  /** Enter without a chosen option. */
  onEnter?(): void;
  /** "5 suggestions", said when the list changes. */
  status: string;
  inputRef?: Ref<HTMLInputElement>;
  icon?: ReactNode;
}

export function Combobox<T>({ inputRef, ...props }: ComboboxProps<T>) {
  const { options, optionKey, text } = props;
  const id = useId();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const shown = open && options.length > 0;
  const current = shown ? Math.min(active, options.length - 1) : -1;

  const choose = (option: T) => {
    setOpen(false);
    setActive(-1);
    props.onChoose(option);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const move = event.key === 'ArrowDown' ? 1 : -1;
      setActive(nextOption(current, move, options.length));
    } else if (event.key === 'Escape') {
      if (shown) event.preventDefault();
      setOpen(false);
      setActive(-1);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const option = options[current];
      if (option !== undefined) choose(option);
      else {
        setOpen(false);
        props.onEnter?.();
      }
    }
  };

  return (
    <div className="relative">
      <label htmlFor={id} className={props.labelHidden ? 'sr-only' : 'mb-1 block text-sm font-semibold'}>{props.label}</label>
      <div className="relative">
        {props.icon && <span aria-hidden className="pointer-events-none absolute inset-y-0 start-3 flex items-center text-ink-2">{props.icon}</span>}
        <input
          id={id}
          ref={inputRef}
          role="combobox"
          type="search"
          autoComplete="off"
          spellCheck={false}
          aria-autocomplete="list"
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-activedescendant={current >= 0 ? `${id}-${current}` : undefined}
          placeholder={props.placeholder}
          className={cx(inputClass, props.icon !== undefined && 'ps-10')}
          value={text}
          onChange={(event) => {
            props.onText(event.target.value);
            setOpen(true);
            setActive(-1);
          }}
          onFocus={() => setOpen(text !== '')}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
      </div>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={props.label}
        hidden={!shown}
        className="absolute inset-x-0 z-30 mt-1 max-h-96 overflow-auto rounded-card border border-line bg-card py-1 shadow-layer"
      >
        {shown && options.map((option, index) => (
          <div
            key={optionKey(option)}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === current}
            className={cx('cursor-pointer px-3 py-1.5', index === current ? 'bg-accent-soft' : 'hover:bg-sunken')}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(option)}
          >
            {props.renderOption(option)}
          </div>
        ))}
      </div>
      <div role="status" className="sr-only">{open && text !== '' ? props.status : ''}</div>
    </div>
  );
}

/** Round through the options and the field itself (-1). */
function nextOption(current: number, move: 1 | -1, count: number): number {
  const stops = count + 1;
  return ((current + 1 + move + stops) % stops) - 1;
}
