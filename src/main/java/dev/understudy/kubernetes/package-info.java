/**
 * The Kubernetes API: calls, watches and credentials, for the register of replicas and for the
 * discovery of servers.
 *
 * <p>Deliberately absent: a client library, caches, retries, and the meaning of any resource.
 */
@NullMarked
package dev.understudy.kubernetes;

import org.jspecify.annotations.NullMarked;
