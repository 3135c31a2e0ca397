#pragma once
#include <curl/curl.h>

// Functions with a variable number of arguments, which Swift cannot call.

typedef size_t (*redress_curl_writer)(char *, size_t, size_t, void *);

static inline CURLcode redress_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode redress_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode redress_curl_set_writer(CURL *handle, CURLoption option, redress_curl_writer value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode redress_curl_status(CURL *handle, long *status) {
  return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, status);
}
