// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Picture } from './Picture.tsx';

test('what the browser cannot draw is said in words; another picture is tried again', () => {
  const { rerender } = render(<Picture src="/a.jpg" alt="Rudo" otherwise={<p>damaged</p>} />);
  fireEvent.error(screen.getByAltText('Rudo'));
  expect(screen.getByText('damaged')).toBeTruthy();
  expect(screen.queryByAltText('Rudo')).toBeNull();
  rerender(<Picture src="/b.jpg" alt="Rudo" otherwise={<p>damaged</p>} />);
  expect(screen.getByAltText('Rudo').getAttribute('src')).toBe('/b.jpg');
});
