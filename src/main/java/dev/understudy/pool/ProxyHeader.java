package dev.understudy.pool;

/**
 * Version of the PROXY protocol header that servers get (HAProxy {@code send-proxy}, {@code
 * send-proxy-v2}).
 */
public enum ProxyHeader {
  /** One line of text. */
  V1,
  /** Binary, without additional fields. */
  V2
}
