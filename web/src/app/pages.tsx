/** Pages that differ from a feature's only by how they are entered. */
import { StartPage } from '../features/home/routes/StartPage.tsx';

export function FirstTree() {
  return <StartPage choose={false} />;
}

export function ChooseTree() {
  return <StartPage choose />;
}
