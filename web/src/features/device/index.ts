export { Packs } from './components/Packs.tsx';
