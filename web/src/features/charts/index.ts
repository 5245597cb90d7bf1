export { MapCanvas } from './components/MapCanvas.tsx';
