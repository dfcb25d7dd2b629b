/**
 * The Kubernetes API: calls, watches, mirrors of collections, Events and credentials, for the
 * register of replicas, for the discovery of servers and for the Gateway API.
 *
 * <p>Deliberately absent: a client library, retries of calls, and the meaning of any resource.
 */
@NullMarked
package dev.understudy.kubernetes;

import org.jspecify.annotations.NullMarked;
