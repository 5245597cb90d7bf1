/** The live state of the models: what the stream said last. */
import { useEffect, useState } from 'react';
import { followMessages, type Message } from '../../api/stream.ts';
import type { GpuSnapshot, LiveState, ModelAlert, SelectionEvent } from '../../api/types.ts';

/** As many as the server keeps. */
const SELECTIONS_MAX = 200;
const ALERTS_MAX = 100;

export interface Live extends LiveState {
  connected: boolean;
}

export const NOTHING: Live = { connected: false, gpu: null, gpu_problem: '', selections: [], alerts: [] };

/** The state after an event. One of an unknown kind changes nothing but that there is a connection. */
export function heard(state: Live, { event, data: value }: Message): Live {
  switch (event) {
    case 'state':
      return { ...(value as LiveState), connected: true };
    case 'gpu': {
      const gpu = value as GpuSnapshot;
      return { ...state, connected: true, gpu: gpu.ok ? gpu : null };
    }
    case 'selection':
      return { ...state, connected: true, selections: [...state.selections, value as SelectionEvent].slice(-SELECTIONS_MAX) };
    case 'alert':
      return { ...state, connected: true, alerts: [...state.alerts, value as ModelAlert].slice(-ALERTS_MAX) };
    default:
      return { ...state, connected: true };
  }
}

export function useLive(): Live {
  const [state, setState] = useState(NOTHING);
  useEffect(() => {
    const stop = new AbortController();
    void followMessages('/models/stream', stop.signal, (message) => setState((old) => heard(old, message)),
      () => setState((old) => ({ ...old, connected: false })));
    return () => stop.abort();
  }, []);
  return state;
}
