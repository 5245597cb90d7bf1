export { PersonPicker } from './components/PersonPicker.tsx';
export { SearchBox } from './components/SearchBox.tsx';
