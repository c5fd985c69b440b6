#ifndef SNAPWARDEN_CCURL_H
#define SNAPWARDEN_CCURL_H
#include <curl/curl.h>

/* Typed doors to libcurl's variadic calls, which Swift cannot make.
   The parentheses switch off curl's type-checking macros. */
typedef size_t (*shim_data_callback)(char *data, size_t size, size_t count, void *user);

static inline CURLcode shim_setopt_long(CURL *h, CURLoption o, long v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode shim_setopt_string(CURL *h, CURLoption o, const char *v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode shim_setopt_pointer(CURL *h, CURLoption o, void *v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode shim_setopt_offset(CURL *h, CURLoption o, curl_off_t v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode shim_setopt_list(CURL *h, CURLoption o, struct curl_slist *v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode shim_setopt_data(CURL *h, CURLoption o, shim_data_callback v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode shim_getinfo_long(CURL *h, CURLINFO i, long *v) { return (curl_easy_getinfo)(h, i, v); }
static inline CURLcode shim_getinfo_pointer(CURL *h, CURLINFO i, void **v) { return (curl_easy_getinfo)(h, i, v); }
static inline CURLMcode shim_multi_setopt_long(CURLM *m, CURLMoption o, long v) { return (curl_multi_setopt)(m, o, v); }
/* CURLMsg keeps its result in a union, which Swift reads awkwardly. */
static inline CURLcode shim_message_result(CURLMsg *m) { return m->data.result; }
#endif
