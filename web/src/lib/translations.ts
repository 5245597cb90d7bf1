/** Where the texts of languages other than English lie: loaded by those who read them, so that the shell does not carry the list. */
export const translations = import.meta.glob<{ default: Record<string, unknown> }>(['../locales/*/*.json', '!../locales/en/*.json']);
