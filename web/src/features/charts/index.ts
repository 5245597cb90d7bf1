export { NO_HANDLERS, type StageHandlers, useStage, useTheme } from './components/useStage.ts';
