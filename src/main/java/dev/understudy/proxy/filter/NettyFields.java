package dev.understudy.proxy.filter;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** The fields of a message of Netty's. */
public record NettyFields(HttpHeaders headers) implements HeaderFields {
  @Override
  public List<String> all(String name) {
    return headers.getAll(name);
  }

  @Override
  public void add(String name, String value) {
    headers.add(name, value);
  }

  @Override
  public void set(String name, List<String> values) {
    headers.set(name, values);
  }

  @Override
  public void set(String name, String value) {
    headers.set(name, value);
  }

  @Override
  public void remove(String name) {
    headers.remove(name);
  }
}
