package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Iterator;
import java.util.List;
import java.util.Map.Entry;
import java.util.Set;

/** Delegates every method that is not overridden to a materialised {@link HttpHeaders}. */
public abstract class DelegatingHeaders extends HttpHeaders {
  /** Returns the materialised headers, creating them on first use. */
  protected abstract HttpHeaders full();

  @Override
  public Integer getInt(CharSequence name) {
    return full().getInt(name);
  }

  @Override
  public int getInt(CharSequence name, int defaultValue) {
    return full().getInt(name, defaultValue);
  }

  @Override
  public Short getShort(CharSequence name) {
    return full().getShort(name);
  }

  @Override
  public short getShort(CharSequence name, short defaultValue) {
    return full().getShort(name, defaultValue);
  }

  @Override
  public Long getTimeMillis(CharSequence name) {
    return full().getTimeMillis(name);
  }

  @Override
  public long getTimeMillis(CharSequence name, long defaultValue) {
    return full().getTimeMillis(name, defaultValue);
  }

  @Override
  public List<Entry<String, String>> entries() {
    return full().entries();
  }

  @Override
  @SuppressWarnings("deprecation") // deprecated in HttpHeaders too
  public Iterator<Entry<String, String>> iterator() {
    return full().iterator();
  }

  @Override
  public Set<String> names() {
    return full().names();
  }

  @Override
  public HttpHeaders add(String name, Iterable<?> values) {
    full().add(name, values);
    return this;
  }

  @Override
  public HttpHeaders addInt(CharSequence name, int value) {
    full().addInt(name, value);
    return this;
  }

  @Override
  public HttpHeaders addShort(CharSequence name, short value) {
    full().addShort(name, value);
    return this;
  }

  @Override
  public HttpHeaders set(String name, Iterable<?> values) {
    full().set(name, values);
    return this;
  }

  @Override
  public HttpHeaders setInt(CharSequence name, int value) {
    full().setInt(name, value);
    return this;
  }

  @Override
  public HttpHeaders setShort(CharSequence name, short value) {
    full().setShort(name, value);
    return this;
  }

  @Override
  public HttpHeaders clear() {
    full().clear();
    return this;
  }
}
