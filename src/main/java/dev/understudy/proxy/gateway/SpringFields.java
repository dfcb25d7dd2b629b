package dev.understudy.proxy.gateway;

import dev.understudy.proxy.filter.HeaderFields;
import java.util.List;
import org.springframework.http.HttpHeaders;

/** The fields of a message of Spring's. */
record SpringFields(HttpHeaders headers) implements HeaderFields {
  @Override
  public List<String> all(String name) {
    return headers.getOrEmpty(name);
  }

  @Override
  public void add(String name, String value) {
    headers.add(name, value);
  }

  @Override
  public void set(String name, List<String> values) {
    headers.put(name, values);
  }

  @Override
  public void remove(String name) {
    headers.remove(name);
  }
}
