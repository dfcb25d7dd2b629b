package dev.understudy.proxy.gateway;

import dev.understudy.proxy.http.DelegatingHeaders;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Iterator;
import java.util.List;
import java.util.Map.Entry;

/**
 * The fields of a response: those that filters set before there is one, then the server's own, with
 * these added. Without such ones the server's are taken as they are, uncopied.
 */
final class LaneFields extends DelegatingHeaders {
  private HttpHeaders now = new DefaultHttpHeaders();

  /** Takes the fields of a server's response. */
  void take(HttpHeaders server) {
    if (now.isEmpty()) {
      now = server;
    } else {
      Iterator<Entry<CharSequence, CharSequence>> all = server.iteratorCharSequence();
      while (all.hasNext()) {
        Entry<CharSequence, CharSequence> field = all.next();
        now.add(field.getKey(), field.getValue());
      }
    }
  }

  @Override
  protected HttpHeaders full() {
    return now;
  }

  @Override
  public String get(CharSequence name) {
    return now.get(name);
  }

  @Override
  public String get(String name) {
    return now.get(name);
  }

  @Override
  public List<String> getAll(CharSequence name) {
    return now.getAll(name);
  }

  @Override
  public List<String> getAll(String name) {
    return now.getAll(name);
  }

  @Override
  public boolean contains(CharSequence name) {
    return now.contains(name);
  }

  @Override
  public boolean contains(String name) {
    return now.contains(name);
  }

  @Override
  public boolean isEmpty() {
    return now.isEmpty();
  }

  @Override
  public int size() {
    return now.size();
  }

  @Override
  public Iterator<Entry<CharSequence, CharSequence>> iteratorCharSequence() {
    return now.iteratorCharSequence();
  }

  @Override
  public HttpHeaders add(CharSequence name, Object value) {
    now.add(name, value);
    return this;
  }

  @Override
  public HttpHeaders add(String name, Object value) {
    now.add(name, value);
    return this;
  }

  @Override
  public HttpHeaders set(CharSequence name, Object value) {
    now.set(name, value);
    return this;
  }

  @Override
  public HttpHeaders set(String name, Object value) {
    now.set(name, value);
    return this;
  }

  @Override
  public HttpHeaders remove(CharSequence name) {
    now.remove(name);
    return this;
  }

  @Override
  public HttpHeaders remove(String name) {
    now.remove(name);
    return this;
  }
}
