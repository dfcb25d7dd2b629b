/**
 * Notifications to systemd, or to another service manager with its protocol: sd_notify(3).
 *
 * <p>Deliberately absent: any class of Understudy's other packages; what is ready and what the
 * status says is wired in {@code application}. Loaded only if {@code NOTIFY_SOCKET} is set.
 */
@NullMarked
package dev.understudy.systemd;

import org.jspecify.annotations.NullMarked;
