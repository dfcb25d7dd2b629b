/**
 * Notifications: events sent to receivers over HTTP, as CloudEvents, for Slack, for Alertmanager or
 * as text. Nothing here is created while no receiver is set.
 *
 * <p>{@code Topic} has the topic of each event; {@code AgreedEvent} says which events all replicas
 * emit. {@code Rendering}, {@code Outbox} and {@code RetryDelay} are pure; {@code EventNotifier}
 * has the one thread that owns all queues, and each {@code Receiver} sends on a virtual thread.
 *
 * <p>Deliberately absent: sentences and documents of events, which are {@code monitor}'s and {@code
 * history}'s.
 */
@NullMarked
package dev.understudy.notification;

import org.jspecify.annotations.NullMarked;
