/** Names of the plots of the chosen configuration; none can be that of a configuration, whose curves stand beside them. */
export const PLOTS = { reliability: 'chosen_reliability', classes: 'chosen_classes' } as const
