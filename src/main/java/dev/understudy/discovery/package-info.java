/**
 * Servers from a Kubernetes cluster: the endpoints of Services, and the role labels of their Pods,
 * listed and watched.
 *
 * <p>Deliberately absent: Services and Endpoints themselves, readiness gates, topology hints, and
 * any decision on who serves.
 */
@NullMarked
package dev.understudy.discovery;

import org.jspecify.annotations.NullMarked;
