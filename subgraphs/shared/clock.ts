/** The time now. Injected wherever a stored value depends on it, so that tests decide what time it is. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
