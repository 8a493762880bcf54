import type { AlertName } from '../config.ts';
import { CONFIG } from '../config.ts';

export const dashboardUrl = (name: AlertName): string => `${CONFIG.grafana}/d/lva-overview?alert=${name}`;
