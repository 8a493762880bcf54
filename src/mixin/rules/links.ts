import { panelOf } from '../boards/index.ts';
import { type AlertName, CONFIG } from '../config.ts';

/** The panel of the board on which an alert is explained. */
export function dashboardUrl(alert: AlertName): string {
  const { uid, id } = panelOf(alert);
  return `${CONFIG.grafana}/d/${uid}?viewPanel=${id}`;
}
