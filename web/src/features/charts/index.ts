export { useStage, useTheme } from './components/useStage.ts';
