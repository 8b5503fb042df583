import { Counter, Histogram, type Registry } from 'prom-client';
import type { WebhookMetrics } from './server.ts';

/** Registers the webhook's own metrics; those of the runtime are named by `createRuntimeMetrics`. */
export function createWebhookMetrics(registry: Registry): WebhookMetrics {
  const registers = [registry];
  const reviews = new Counter({
    name: 'webhook_reviews_total',
    help: 'AdmissionReviews that were answered, by what the answer was.',
    labelNames: ['path', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'webhook_review_duration_seconds',
    help: 'From the last byte of an AdmissionReview to its answer.',
    labelNames: ['path'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  return {
    reviewed(path, outcome, took) {
      reviews.inc({ path, outcome });
      seconds.observe({ path }, took);
    },
  };
}
