#include <curl/curl.h>
#include <stdio.h>

// curl_easy_setopt takes what it is given by the option's type, which Swift cannot call: one function for each type.
static inline CURLcode zhifang_curl_text(CURL *curl, CURLoption option, const char *value) { return curl_easy_setopt(curl, option, value); }
static inline CURLcode zhifang_curl_number(CURL *curl, CURLoption option, long value) { return curl_easy_setopt(curl, option, value); }
static inline CURLcode zhifang_curl_list(CURL *curl, CURLoption option, struct curl_slist *value) { return curl_easy_setopt(curl, option, value); }
static inline CURLcode zhifang_curl_file(CURL *curl, FILE *value) { return curl_easy_setopt(curl, CURLOPT_READDATA, value); }
static inline CURLcode zhifang_curl_answer(CURL *curl, long *code) { return curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, code); }
